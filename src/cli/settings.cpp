#include "cli/settings.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string_view>

namespace cjv::cli {

Result<LoadedConfig> settings_of(const Global& global,
                                 std::map<std::string, std::string, std::less<>> flags) {
    ConfigTexts texts;
    texts.root = geteuid() == 0;
    if (global.config) {
        std::ifstream file(*global.config, std::ios::binary);
        if (!file)
            return fail(Errc::bad_input, "cannot read the configuration file " + *global.config);
        texts.file_name = *global.config;
        texts.file.assign(std::istreambuf_iterator<char>(file), {});
    }
    for (char** at = environ; *at; ++at) {
        const std::string_view pair = *at;
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        texts.environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
    }
    texts.flags = std::move(flags);
    if (global.data_dir) texts.flags.emplace("store.data_dir", *global.data_dir);
    if (global.log_level) texts.flags.emplace("log.level", *global.log_level);
    return load_config(texts);
}

}  // namespace cjv::cli
