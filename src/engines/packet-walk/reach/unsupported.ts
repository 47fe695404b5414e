/** Something that classes cannot be run through: their pairs are walked one by one. */
export class Unsupported extends Error {}
