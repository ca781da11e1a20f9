#include "celery/python_repr.h"

#include "celery/python_text.h"

namespace cjv::celery {
namespace {

constexpr int kFloors = 3;
constexpr std::size_t kMost = 1'024;  // bytes here, characters there

class Printer {
public:
    void print(const json::Item& value, int floor) {
        switch (value.kind()) {
            case json::Kind::null: put("None"); return;
            case json::Kind::boolean: put(value.raw() == "true" ? "True" : "False"); return;
            case json::Kind::number: print_number(value); return;
            case json::Kind::string: print_string(value.as_string().value_or("")); return;
            case json::Kind::array: print_inside(value, floor, '[', ']'); return;
            case json::Kind::object: print_inside(value, floor, '{', '}'); return;
        }
    }

    std::string take() { return std::move(out_); }

private:
    bool full() const { return out_.size() >= kMost; }

    std::size_t left() const { return full() ? 0 : kMost - out_.size(); }

    void put(std::string_view text, std::size_t most) {
        std::size_t length = std::min(text.size(), most);
        while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) --length;
        out_ += text.substr(0, length);
        if (length < text.size()) out_ += "...";
    }
    void put(std::string_view text) { put(text, left()); }

    // Whole numbers digit for digit.
    void print_number(const json::Item& value) {
        if (value.raw().find_first_of(".eENI") == std::string_view::npos) return put(value.raw());
        if (const auto number = value.as_double()) return append_float(out_, *number);
        put(value.raw());  // beyond what a double holds
    }

    void print_string(std::string_view text) {
        std::string quoted;
        for (const char c : text) {
            if (c == '\'') quoted += '\\';
            quoted += c;
        }
        const auto most = left();  // as there, the quote before it does not count
        out_ += '\'';
        put(quoted, most);
        out_ += '\'';
    }

    void print_inside(const json::Item& value, int floor, char open, char close) {
        out_ += open;
        if (floor >= kFloors) {
            out_ += "...";
        } else {
            bool first = true;
            for (const json::Item child : value) {
                if (full()) {
                    out_ += ", ...";
                    break;
                }
                if (!first) out_ += ", ";
                first = false;
                if (value.is_object()) {
                    print_string(child.key());
                    out_ += ": ";
                }
                print(child, floor + 1);
            }
        }
        out_ += close;
    }

    std::string out_;
};

std::string repr_of(json::Tape& tape, std::string_view text) {
    if (text == "[]" || text == "{}") return std::string(text);
    const auto value = tape.read(text);
    return value ? python_repr(*value) : std::string();
}

}  // namespace

std::string python_repr(const json::Item& value) {
    Printer printer;
    printer.print(value, 0);
    return printer.take();
}

std::string args_repr(json::Tape& tape, std::string_view args) {
    auto text = repr_of(tape, args);
    if (text == "[]") text = "()";
    return text;
}

std::string kwargs_repr(json::Tape& tape, std::string_view kwargs) { return repr_of(tape, kwargs); }

}  // namespace cjv::celery
