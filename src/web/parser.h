#pragma once
// Bytes of a connection in, whole requests out. The only door to Beast. What a request means is
// nobody's business here.

#include "web/framing.h"
#include "web/request.h"

#include <cstddef>
#include <memory>
#include <span>

namespace cjv::web {

class Parser {
public:
    enum class State : std::uint8_t {
        empty,     // not one byte of a request is here
        head,      // some are
        body,      // the head is complete and sound, the body is not complete
        complete,  // request() is there
        refused,   // refusal() says why; answer it and close
    };

    Parser();
    ~Parser();

    State state() const;
    // Where to read the next bytes to, and that `count` of them came. Not while a request is complete.
    std::span<char> room();
    State took(std::size_t count);

    // While its body is missing: whether the client waits to be told to go on.
    bool expects_continue() const;

    // Method, target, path, headers and body; the rest is left alone. What it borrows stays until next().
    void fill(Request& request) const;
    bool keep_alive() const;    // whether the client wants the connection for more
    bool takes_chunks() const;  // whether it understands a body in chunks: HTTP/1.1
    const Refusal& refusal() const;

    // Forgets the request and looks at what came behind it.
    State next();
    // Gives back the memory for reading; for connections that only write from now on. The request stays.
    void shrink();

private:
    struct Parts;
    State advance();
    State read_head();
    State read_body();
    State refuse(Refusal refusal);

    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::web
