#include "net/http.h"

#include <curl/curl.h>

#include <memory>

namespace cjv::net {
namespace {

struct Sink {
    std::string bytes;
    std::size_t limit = 0;
};

std::size_t receive(char* data, std::size_t one, std::size_t count, void* to) {
    auto& sink = *static_cast<Sink*>(to);
    if (sink.bytes.size() + count > sink.limit) return 0;  // makes curl give up with WRITE_ERROR
    sink.bytes.append(data, one * count);
    return one * count;
}

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Errc code_of(CURLcode result) {
    switch (result) {
        case CURLE_WRITE_ERROR:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL: return Errc::corrupt;
        default: return Errc::unavailable;
    }
}

}  // namespace

Result<HttpAnswer> exchange(const HttpRequest& request) {
    // libcurl counts these calls itself; the first is the one that works, and it is thread-safe there.
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    const Handle curl(curl_easy_init(), curl_easy_cleanup);
    if (ready != CURLE_OK || !curl) return fail(Errc::unavailable, "libcurl did not start");

    List headers(nullptr, curl_slist_free_all);
    for (const auto& [name, value] : request.headers) {
        std::string line = name;
        line += ": ";
        line += value;
        curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
        if (!longer) return fail(Errc::unavailable, "out of memory");
        (void)headers.release();
        headers.reset(longer);
    }

    Sink sink{{}, request.max_answer_bytes};
    curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &sink);
    if (!request.unix_socket.empty())
        curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    if (!request.body.empty()) {
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.body.data());
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
    }
    if (request.method == "HEAD") curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);

    const CURLcode result = curl_easy_perform(curl.get());
    if (result != CURLE_OK) return fail(code_of(result), curl_easy_strerror(result));
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    return HttpAnswer{static_cast<int>(status), std::move(sink.bytes)};
}

}  // namespace cjv::net
