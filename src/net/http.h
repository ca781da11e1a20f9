#pragma once
// One HTTP request, one answer, with limits on both. Blocks its thread. The only door to libcurl.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace cjv::net {

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::string unix_socket = {};  // path of the socket to speak through; empty: the URL's host
    std::chrono::milliseconds timeout = std::chrono::seconds{30};
    std::size_t max_answer_bytes = 10 << 20;
};

struct HttpAnswer {
    int status = 0;
    std::string body;
};

// Follows no redirect and obeys no proxy variable. `unavailable` when there is no answer in time or nobody
// listens; `corrupt` when the answer is over its limit or not HTTP. Any status is an answer.
Result<HttpAnswer> exchange(const HttpRequest& request);

}  // namespace cjv::net
