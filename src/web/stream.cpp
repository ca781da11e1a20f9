#include "web/stream.h"

namespace cjv::web {

void append_event(std::string& out, std::string_view event, std::string_view id,
                  std::string_view data) {
    out += "event: ";
    out += event;
    if (!id.empty()) {
        out += "\nid: ";
        out += id;
    }
    out += "\ndata: ";
    out += data;
    out += "\n\n";
}

}  // namespace cjv::web
