/** Which of the known names somebody may have meant. */

/** No name is longer: what is beyond does not count. */
const MAX_LENGTH = 64

/** Edits that turn one text into the other (Levenshtein, 1966). */
const distance = (left: string, right: string): number => {
  const [a, b] = [left.slice(0, MAX_LENGTH), right.slice(0, MAX_LENGTH)]
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

/** "qty" of "quantity": the same first letter, and the others in order. */
const isShortFor = (word: string, name: string): boolean => {
  if (word.length < 2 || word[0] !== name[0]) return false
  let at = 0
  for (const letter of name) if (letter === word[at]) at += 1
  return at === word.length
}

/** The `count` names with the fewest edits from `word`, nearest first (an abbreviation counts as one); equal ones in order of the alphabet. */
export const nearest = (word: string, names: ReadonlyArray<string>, count: number): ReadonlyArray<string> =>
  names
    .map((name) => ({
      name,
      edits: isShortFor(word, name) ? Math.min(1, distance(word, name)) : distance(word, name)
    }))
    .toSorted((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .slice(0, count)
    .map(({ name }) => name)
