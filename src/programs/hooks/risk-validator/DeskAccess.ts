/** What the hook does with a desk, whichever database it is in. */
import { existsSync, statSync } from "node:fs"
import {
  type Asked,
  type DeskReading,
  DeskUnreadable,
  type MachineNow
} from "../../../execution/DeskSnapshot.ts"
import type { ClientOrderId } from "../../../domain/Identifiers.ts"
import type { Permit } from "../../../execution/Permit.ts"
import { openFile } from "../../../storage/SnapshotSync.ts"
import type { DeskFolder } from "../../DeskFolder.ts"
import { type Place, readPlace } from "../../PlaceFile.ts"

export interface DeskAccess {
  readonly read: (asked: Asked, here: MachineNow) => Promise<DeskReading | DeskUnreadable>
  /** Whether the order of this name was asked for before and not denied: it is only answered again. */
  readonly knows: (orderId: ClientOrderId) => Promise<boolean>
  /** Undefined when the permit is left. */
  readonly leave: (permit: Permit) => Promise<DeskUnreadable | undefined>
}

/** What a desk's folder says of its place. */
export const placeOf = (folder: DeskFolder): Place | undefined | DeskUnreadable => {
  try {
    return readPlace(folder)
  } catch (cause) {
    return new DeskUnreadable(
      `${folder.place} cannot be read (${cause instanceof Error ? cause.message : String(cause)}), so it is not known which database the desk is in`
    )
  }
}

/** The desk in its folder's file, or why it is not there. The file is closed by the process's end. */
export const fileAccess = (folder: DeskFolder): DeskAccess | DeskUnreadable => {
  const place = placeOf(folder)
  if (place instanceof DeskUnreadable) return place
  if (place?.kind === "postgres") {
    return new DeskUnreadable(
      `the desk of ${folder.home} is in ${place.where}: PLIMSOLL_DATABASE_URL has to be set to its address`
    )
  }
  const { database } = folder
  if (!existsSync(database) || (statSync(database).size === 0 && !existsSync(`${database}-wal`))) {
    return new DeskUnreadable(
      `there is no desk in ${folder.home}: a person runs plimsoll init, or plimsoll recover where there was one`
    )
  }
  const file = openFile(database)
  if (file instanceof DeskUnreadable) return file
  return {
    read: (asked, here) => Promise.resolve(file.read({ asked, here, deskId: place?.deskId })),
    knows: (orderId) => Promise.resolve(file.knows(orderId)),
    leave: (permit) => Promise.resolve(file.leave(permit))
  }
}
