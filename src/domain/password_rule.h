#pragma once
// Which passwords we take. Pure; hashing is base/crypto's business.

#include <string_view>

#include "base/error.h"

namespace cjv::domain {

// 12 to 256 characters of any kind, nothing cut, no composition rules (OWASP ASVS 5.0, 6.2); not the person's
// own name, not the product's, not one of those that everybody tries first. `path` names the field.
Result<void> check_password(std::string_view password, std::string_view username,
                            std::string_view path);

}  // namespace cjv::domain
