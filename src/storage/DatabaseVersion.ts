/** The newest version of a desk's database that this program knows: the last of `Migrations.ts`. */
export const DATABASE_VERSION = 10
