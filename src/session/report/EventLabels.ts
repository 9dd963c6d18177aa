/** Finds places for the numbers beside marked points, so that none covers another. */

/** Pixels, y downward. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface LabelArea {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  /** Radius of a label, half the room it takes. */
  readonly radius: number
}

/** A label's centre for each anchor; undefined where no place is free. */
export type Placement = Point | undefined

const GAP = 2
const STEPS = 7

/**
 * Places labels in the order given: each above its anchor if it can, else
 * higher, else below, else lower, else a little aside. A label lies inside the
 * area and keeps clear of all labels placed before it. An anchor in a crowd may
 * get none.
 */
export const placeLabels = (anchors: ReadonlyArray<Point>, area: LabelArea): ReadonlyArray<Placement> => {
  const placed: Array<Point> = []
  const room = 2 * area.radius + GAP
  const isFree = ({ x, y }: Point): boolean =>
    x - area.radius >= area.left &&
    x + area.radius <= area.right &&
    y - area.radius >= area.top &&
    y + area.radius <= area.bottom &&
    placed.every((other) => Math.hypot(other.x - x, other.y - y) >= room)
  return anchors.map((anchor) => {
    const place = candidates(anchor, area.radius, room).find(isFree)
    if (place !== undefined) placed.push(place)
    return place
  })
}

const candidates = ({ x, y }: Point, radius: number, room: number): ReadonlyArray<Point> =>
  [0, -room, room].flatMap((aside) =>
    [-1, 1].flatMap((direction) =>
      Array.from({ length: STEPS }, (_, i) => ({
        x: x + aside,
        y: y + direction * (2 * radius + i * room)
      }))
    )
  )
