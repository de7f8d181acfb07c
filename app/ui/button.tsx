import { Link, type LinkProps } from "@remix-run/react"
import type { ComponentProps } from "react"
import { cx } from "./class-names.ts"

export type ButtonLook = "primary" | "secondary" | "quiet" | "danger"
type Looks = { look?: ButtonLook; size?: "sm" | "md" }

const LOOKS: Record<ButtonLook, string> = {
  primary: "border-accent bg-accent text-on-accent hover:bg-accent/90",
  secondary: "border-edge/50 bg-surface text-ink hover:bg-raised hover:border-edge",
  quiet: "border-transparent text-ink hover:bg-ink/5",
  danger: "border-bad bg-bad text-on-bad hover:bg-bad/90",
}
function classes({ look = "secondary", size = "md" }: Looks, more?: string): string {
  return cx(
    "inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded border font-medium transition-colors",
    "disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:opacity-50",
    size === "md" ? "h-8 px-3" : "h-7 px-2 text-xs",
    LOOKS[look],
    more,
  )
}

export function Button({
  look,
  size,
  className,
  type = "button",
  ...rest
}: ComponentProps<"button"> & Looks) {
  return <button type={type} className={classes({ look, size }, className)} {...rest} />
}

export function ButtonLink({ look, size, className, ...rest }: LinkProps & Looks) {
  return <Link className={classes({ look, size }, className as string)} {...rest} />
}
