// Which row the reader's eye is on, so that rows that come and go above it do not move it.
interface Row {
  readonly id: string;
}

/** The index at which the row that stood at `index` of `before` stands now; if it is gone, the next that is there. */
export function moved_to(before: readonly Row[], index: number, now: readonly Row[]): number {
  if (before === now) return index;
  // Nearly always nothing changed above.
  if (before[index] && before[index].id === now[index]?.id) return index;
  const places = new Map(now.map((row, at) => [row.id, at]));
  for (let each = index; each < before.length; ++each) {
    const at = places.get(before[each]!.id);
    if (at !== undefined) return at;
  }
  return Math.min(index, now.length);
}
