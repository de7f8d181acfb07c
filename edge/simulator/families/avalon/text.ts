import { renderText } from "../../rpc-protocol.ts"

/**
 * The text form as an Avalon has it: the vendor's string stands there as it is, commas and all, where cgminer would escape
 * what separates its fields.
 */
export function textOf(body: Record<string, unknown>): string {
  const raw: string[] = []
  const marked = JSON.parse(JSON.stringify(body), (key, value) => {
    if (!/^MM ID\d/.test(key) && key !== "HBinfo") return value
    return `\ue000${raw.push(String(value)) - 1}\ue000`
  }) as Record<string, unknown>
  return renderText(marked).replace(/\ue000(\d+)\ue000/g, (_mark, at: string) => raw[Number(at)]!)
}
