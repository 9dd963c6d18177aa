/** What the module exports. */
export { blackScholes } from "./blackScholes"
export { impliedVolatility } from "./impliedVolatility"
