/**
 * When a label was known, as a type.
 *
 * A label of a session that is known at its close belongs to the next session's
 * return: whoever acts on it acts after that close. Only `ahead` turns the one
 * into the other, so that no return is counted under a label that was told by
 * this very return, and labels in hindsight (of smoothed probabilities) have no
 * way in at all.
 */

/** One label a session, known at its close; undefined while it cannot be told. */
export interface KnownAtClose<Label extends string> {
  readonly _tag: "KnownAtClose"
  readonly labels: ReadonlyArray<Label | undefined>
}

/** One label a session, known at the close before it. */
export interface KnownBefore<Label extends string> {
  readonly _tag: "KnownBefore"
  readonly labels: ReadonlyArray<Label | undefined>
}

export const knownAtClose = <Label extends string>(
  labels: ReadonlyArray<Label | undefined>
): KnownAtClose<Label> => ({ _tag: "KnownAtClose", labels })

/** The label a session begins with: that of the close before. */
export const ahead = <Label extends string>({ labels }: KnownAtClose<Label>): KnownBefore<Label> => ({
  _tag: "KnownBefore",
  labels: labels.map((_, i) => (i === 0 ? undefined : labels[i - 1]))
})

/** How often the label changed from one session to the next, once it was told. */
export const switchesOf = ({ labels }: { readonly labels: ReadonlyArray<string | undefined> }): number =>
  labels.reduce((sum, label, i) => {
    const before = labels[i - 1]
    return before !== undefined && label !== undefined && before !== label ? sum + 1 : sum
  }, 0)

/** The first session with a label, from 0; undefined without one. */
export const firstKnown = ({
  labels
}: {
  readonly labels: ReadonlyArray<string | undefined>
}): number | undefined => {
  const first = labels.findIndex((label) => label !== undefined)
  return first === -1 ? undefined : first
}
