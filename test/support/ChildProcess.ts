/** The child's side of Children.ts. */

/** Says that the script is loaded, and waits for the parent's word. */
export const ready = async (): Promise<void> => {
  const word = new Promise<void>((resolve) => {
    process.once("message", () => resolve())
  })
  process.send?.("ready")
  await word
  process.disconnect?.()
}
