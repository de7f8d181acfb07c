/** Width of a history bucket. Buckets begin at whole multiples of it since 1970, in every zone at whole minutes. */
export const BUCKET_MS = 5 * 60_000

export function bucketOf(ms: number): number {
  return ms - (ms % BUCKET_MS)
}
