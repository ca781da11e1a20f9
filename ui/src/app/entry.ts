// Where the browser side begins: a sign-in that is there at once, or all the rest. Nothing but this file comes with the page
// itself, so that somebody who signs in does not wait for what they will see afterwards.
import { cookie } from "./cookie";
import { boot } from "./boot";

const isLogin = location.pathname === `${boot.prefix}login`;

// Who has no token beside the session has no session either.
if (isLogin || !cookie("cjv_csrftoken")) void import("../sign-in/page").then(({ showSignIn }) => showSignIn());
else void import("./main");
