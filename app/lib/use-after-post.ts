import { useNavigation } from "@remix-run/react"
import { useEffect, useRef } from "react"

/** Runs once each time a form of the page was posted and the page has its answer. */
export function useAfterPost(done: () => void): void {
  const navigation = useNavigation()
  const posted = useRef(false)
  useEffect(() => {
    if (navigation.formMethod === "POST") posted.current = true
    if (navigation.state !== "idle" || !posted.current) return
    posted.current = false
    done()
  })
}
