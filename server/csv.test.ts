import { describe, expect, it } from "vitest"
import { csvLine } from "./csv.ts"

describe("a line of a CSV file", () => {
  it("separates by commas, ends with CR LF, and leaves unknown values empty", () => {
    expect(csvLine(["a", 1, true, null, ""])).toBe("a,1,true,,\r\n")
    expect(csvLine([new Date("2026-05-04T10:00:00.5Z")])).toBe("2026-05-04T10:00:00.500Z\r\n")
  })

  it("quotes commas, quotes and line ends as RFC 4180 says", () => {
    expect(csvLine(['say "yes", no', "two\nlines", "cr\rhere", "plain text"])).toBe(
      '"say ""yes"", no","two\nlines","cr\rhere",plain text\r\n',
    )
  })

  it.each([
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "\t1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "＝1",
  ])("makes no formula of %j", (text) => {
    expect(csvLine([text])).toBe(`'${text}\r\n`)
  })
  it("makes no formula of what needs quotes", () => {
    expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe('"\'=HYPERLINK(""http://x"",""y"")"\r\n')
    expect(csvLine(["\r=1"])).toBe('"\'\r=1"\r\n')
  })
  it("leaves numbers and harmless text as they are", () => {
    expect(csvLine([-5, -0.25, "a=b", "10.0.0.1", "rack-7"])).toBe("-5,-0.25,a=b,10.0.0.1,rack-7\r\n")
  })
})
