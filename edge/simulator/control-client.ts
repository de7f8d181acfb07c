/** Talks to a running simulator's control port. Throws with a sentence for the person at the terminal. */
export async function askControl(port: number, path: string, body?: object): Promise<unknown> {
  const options = body
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : {}
  let response: Response
  try {
    response = await fetch(`http://127.0.0.1:${port}${path}`, options)
  } catch {
    throw new Error(`No simulator answers on control port ${port}. Is it running (npm run simulator)?`)
  }
  const answer = (await response.json()) as { error?: string }
  if (!response.ok) throw new Error(answer.error ?? `The simulator answered ${response.status}`)
  return answer
}
