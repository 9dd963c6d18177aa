export const run = (_args: ReadonlyArray<string>): void => {}
