#pragma once
// A disk that fails when told, as SQLite sees it: whoever opens uri(path) writes through it. One at a time.

#include <sqlite3.h>

#include <cstring>
#include <new>
#include <string>

namespace cjv::support {

class FaultyDisk {
public:
    FaultyDisk() : system_(sqlite3_vfs_find(nullptr)), vfs_(*system_) {
        vfs_.zName = "faulty";
        vfs_.szOsFile = int(sizeof(File)) + system_->szOsFile;
        vfs_.xOpen = [](sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags,
                        int* out) { return the()->open(name, file, flags, out); };
        the() = this;
        sqlite3_vfs_register(&vfs_, 0);
    }
    ~FaultyDisk() {
        sqlite3_vfs_unregister(&vfs_);
        the() = nullptr;
    }
    FaultyDisk(const FaultyDisk&) = delete;

    static std::string uri(const std::string& path) { return "file:" + path + "?vfs=faulty"; }

    // The n-th write, sync or truncation from now on fails with `code` (SQLITE_FULL, SQLITE_IOERR_WRITE …); `stays`:
    // and all after it, until mended.
    void fail_at(int n, int code, bool stays = false) {
        left_ = n;
        code_ = code;
        stays_ = stays;
        has_failed_ = false;
    }
    // What is read is not what was written.
    void spoil_reads() { is_spoilt_ = true; }
    void mend() {
        left_ = -1;
        is_spoilt_ = false;
    }
    bool has_failed() const { return has_failed_; }

private:
    struct File {
        sqlite3_file base;
        sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    static FaultyDisk*& the() {
        static FaultyDisk* disk = nullptr;
        return disk;
    }
    static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

    int open(sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
        auto* own = new (file) File{};
        const int opened = system_->xOpen(system_, name, own->real(), flags, out);
        if (opened == SQLITE_OK) own->base.pMethods = &methods();
        return opened;
    }

    // What the next write is to return instead of being done; SQLITE_OK: do it.
    int next() {
        if (left_ < 0) return SQLITE_OK;
        if (left_ > 0) --left_;
        if (left_ > 0) return SQLITE_OK;
        has_failed_ = true;
        if (!stays_) left_ = -1;
        return code_;
    }

    template <auto Method>
    struct Pass;
    template <class... Args, int (*sqlite3_io_methods::*Method)(sqlite3_file*, Args...)>
    struct Pass<Method> {
        static int call(sqlite3_file* file, Args... args) {
            return (real(file)->pMethods->*Method)(real(file), args...);
        }
        static int write(sqlite3_file* file, Args... args) {
            const int code = the()->next();
            return code != SQLITE_OK ? code : call(file, args...);
        }
    };
    static const sqlite3_io_methods& methods() {
        using M = sqlite3_io_methods;
        static const M methods = {
            .iVersion = 2,
            .xClose = Pass<&M::xClose>::call,
            .xRead =
                [](sqlite3_file* file, void* bytes, int count, sqlite3_int64 at) {
                    const int read = real(file)->pMethods->xRead(real(file), bytes, count, at);
                    if (the()->is_spoilt_) std::memset(bytes, 0xA5, std::size_t(count));
                    return read;
                },
            .xWrite = Pass<&M::xWrite>::write,
            .xTruncate = Pass<&M::xTruncate>::write,
            // No test needs the real thing, which takes its time.
            .xSync = [](sqlite3_file*, int) { return the()->next(); },
            .xFileSize = Pass<&M::xFileSize>::call,
            .xLock = Pass<&M::xLock>::call,
            .xUnlock = Pass<&M::xUnlock>::call,
            .xCheckReservedLock = Pass<&M::xCheckReservedLock>::call,
            .xFileControl = Pass<&M::xFileControl>::call,
            .xSectorSize = Pass<&M::xSectorSize>::call,
            .xDeviceCharacteristics = Pass<&M::xDeviceCharacteristics>::call,
            .xShmMap = Pass<&M::xShmMap>::call,
            .xShmLock = Pass<&M::xShmLock>::call,
            .xShmBarrier =
                [](sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); },
            .xShmUnmap = Pass<&M::xShmUnmap>::call,
            .xFetch = nullptr,
            .xUnfetch = nullptr,
        };
        return methods;
    }

    sqlite3_vfs* system_;
    sqlite3_vfs vfs_;
    int left_ = -1, code_ = SQLITE_OK;
    bool stays_ = false, has_failed_ = false, is_spoilt_ = false;
};

}  // namespace cjv::support
