// Every sentence that people read, in English: a file for each part of the pages in en/.
import * as build from "./en/build";
import * as chrome from "./en/chrome";
import * as dashboard from "./en/dashboard";
import * as edit from "./en/edit";
import * as fleet from "./en/fleet";
import * as jobs from "./en/jobs";
import * as runs from "./en/runs";
import * as signIn from "./en/sign-in";
import { words } from "./en/words";

export { count, number } from "./plural";

export const text = { ...words, ...chrome, ...signIn, ...dashboard, ...jobs, ...edit, ...build, ...runs, ...fleet };
