#pragma once
// Speaking to the running server through DATA/control.sock: the API's own routes, as local superuser.

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace cjv::cli {

class Control {
public:
    // Nothing when no server answers on the folder's socket.
    static std::optional<Control> connect(const std::string& data_dir);

    // `path` is the API's: "/api/users/". The answer's body, null where it has none. An answer of 400 and
    // above is an error with the server's sentence.
    Result<std::optional<json::Value>> call(std::string_view method, std::string_view path,
                                            const std::string& body = {}) const;

private:
    explicit Control(std::string socket) : socket_(std::move(socket)) {}
    std::string socket_;
};

}  // namespace cjv::cli
