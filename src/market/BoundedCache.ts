/** The values last used, at most `capacity` of them. */
export interface BoundedCache<K, V> {
  readonly get: (key: K) => V | undefined
  /** Drops the value not used for the longest when there are too many. */
  readonly set: (key: K, value: V) => void
  readonly size: () => number
}

export const boundedCache = <K, V>(capacity: number): BoundedCache<K, V> => {
  // A Map iterates in the order of insertion: what is read is inserted anew.
  const entries = new Map<K, V>()
  return {
    get: (key) => {
      const value = entries.get(key)
      if (value !== undefined) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    set: (key, value) => {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= capacity) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        return
      }
    },
    size: () => entries.size
  }
}
