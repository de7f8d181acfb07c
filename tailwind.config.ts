import type { Config } from "tailwindcss"

/** Names for the tokens of `app/styles/tokens.css`; no colour is written anywhere else. */
const token = (name: string) => `color-mix(in srgb, var(--${name}) calc(<alpha-value> * 100%), transparent)`

export default {
  content: ["./app/**/*.{ts,tsx}"],
  theme: {
    colors: {
      transparent: "transparent",
      current: "currentColor",
      ground: token("ground"),
      surface: token("surface"),
      raised: token("raised"),
      line: token("line"),
      edge: token("edge"),
      ink: token("ink"),
      muted: token("muted"),
      accent: token("accent"),
      "on-accent": token("on-accent"),
      ok: token("ok"),
      warn: token("warn"),
      bad: token("bad"),
      "on-bad": token("on-bad"),
      idle: token("idle"),
      sleep: token("sleep"),
    },
    fontFamily: { sans: ["var(--font-sans)"], mono: ["var(--font-mono)"] },
    screens: { sm: "560px", md: "800px", lg: "1080px", xl: "1440px", "2xl": "1920px" },
    extend: {
      borderRadius: { DEFAULT: "var(--radius)", lg: "calc(var(--radius) + 2px)" },
      boxShadow: { float: "var(--shadow-float)" },
      fontSize: { "2xs": ["0.6875rem", "1rem"] },
    },
  },
} satisfies Config
