#include "base/base64.h"

#include <doctest/doctest.h>

namespace cjv {

TEST_CASE("base64 has the values of RFC 4648, there and back") {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        CAPTURE(text);
        CHECK(base64(bytes) == text);
        std::string decoded = "what was there before";
        REQUIRE(decode_base64(text, decoded));
        CHECK(decoded == bytes);
    }
}

TEST_CASE("every byte survives base64") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    std::string decoded;
    REQUIRE(decode_base64(base64(bytes), decoded));
    CHECK(decoded == bytes);
    CHECK(base64(bytes).find("+/") != std::string::npos);
}

TEST_CASE("what is not base64 is refused") {
    std::string out;
    for (const auto text :
         {"Z", "Zg", "Zg=", "Zm9v\n", "Zm 9", "Zg==Zg==", "====", "Z===", "Zm-_"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_base64(text, out));
        CHECK(out.empty());
    }
}

}  // namespace cjv
