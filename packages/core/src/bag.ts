/** What can be in a bag: it knows where it stands, so that it is found at once. */
export interface Bagged {
  /** Written by its bag alone; NOWHERE while it is in none. */
  place: number
}
export const NOWHERE = -1

/**
 * Members in no order, each in one bag at most. A Set makes itself a new table every few dozen that come and go, and each
 * old table keeps the next one alive, and all that stood in both, until a full collection: a kilobyte a generation that ran.
 */
export class Bag<Member extends Bagged> {
  readonly #members: Member[] = []

  get size(): number {
    return this.#members.length
  }

  add(member: Member): void {
    if (member.place === NOWHERE) member.place = this.#members.push(member) - 1
  }

  /** The last one takes its place. */
  delete(member: Member): void {
    if (member.place === NOWHERE) return
    const last = this.#members.pop() as Member
    if (last !== member) {
      this.#members[member.place] = last
      last.place = member.place
    }
    member.place = NOWHERE
  }

  clear(): void {
    for (const member of this.#members) member.place = NOWHERE
    this.#members.length = 0
  }

  /** Those that are in it now, whatever becomes of them meanwhile. */
  all(): Member[] {
    return [...this.#members]
  }
}
