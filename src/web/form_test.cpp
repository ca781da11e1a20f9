#include "web/form.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=\"b 1\"";

std::string json_of(const std::optional<FormFields>& fields) {
    return fields ? form_json(*fields) : "(refused)";
}

}  // namespace

TEST_CASE("a form is read as an object of texts, and the last of a name counts") {
    CHECK(json_of(parse_urlencoded("name=a+b%22&n=5&name=c&empty=")) ==
          R"({"n":"5","name":"c","empty":""})");
}

TEST_CASE("a form in parts is read as the same") {
    CHECK(json_of(parse_multipart(
              kType,
              "--b 1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n"
              "--b 1\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; "
              "name=b\r\n\r\n\r\n"
              "--b 1--\r\n")) == R"({"a":"one\r\ntwo","b":""})");
    CHECK(json_of(parse_multipart(kType, "--b 1--")) == "{}");
}

TEST_CASE("parts that are none, or files, are refused") {
    const std::string part = "--b 1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    CHECK(parse_multipart(kType, part + "--b 1--"));
    CHECK_FALSE(parse_multipart("multipart/form-data", part + "--b 1--"));
    CHECK_FALSE(parse_multipart("multipart/form-data; boundary=c", part + "--b 1--"));
    for (const std::string& body :
         {std::string(), part, part + "--b 1", part + "--b 1\r\n", "x" + part + "--b 1--",
          std::string("--b 1\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b 1--"),
          std::string("--b 1\r\nX: name=a\r\n\r\n1\r\n--b 1--"),
          std::string("--b 1\r\n\r\n1\r\n--b 1--"),
          std::string("--b 1\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b 1--"),
          std::string(
              "--b 1\r\nContent-Disposition: form-data; name=a; filename=x\r\n\r\n1\r\n--b 1--")}) {
        CAPTURE(body);
        CHECK_FALSE(parse_multipart(kType, body));
    }
    std::string many;
    for (int i = 0; i < 101; ++i) many += part;
    CHECK_FALSE(parse_multipart(kType, many + "--b 1--"));
}

}  // namespace cjv::web
