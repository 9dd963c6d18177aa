/** `status` and `statusline` of a desk on a server: a bundle of its own, so that those of a file need not know of servers. */
import { run } from "./short.ts"

export const runOnServer = run
