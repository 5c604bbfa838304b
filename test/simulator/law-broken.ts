export class LawBroken extends Error {}
