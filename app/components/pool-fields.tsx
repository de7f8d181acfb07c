import { type FieldValues, POOL_ROWS, poolRows } from "#app/lib/command-fields.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { cx } from "#app/ui/class-names.ts"
import { SelectField, TextField } from "#app/ui/field.tsx"
import type { FieldsProps } from "./command-fields.tsx"

const PLACEHOLDERS = "{worker}, {label}, {ip}"

/** Up to three pools, or one slot: then the first row alone is shown. */
export function PoolFields({
  values,
  wrong,
  passwords,
}: Pick<FieldsProps, "values" | "wrong" | "passwords">) {
  const t = useT()
  return (
    <div className="group/pools space-y-3">
      <SelectField
        label={t("request.field.slot")}
        name="slot"
        defaultValue={values.slot ?? ""}
        error={wrong.slot}
        className="max-w-md"
      >
        <option value="">{t("request.field.slotAll")}</option>
        {POOL_ROWS.map((number) => (
          <option key={number} value={number - 1}>
            {t("request.field.slotOne", { number })}
          </option>
        ))}
      </SelectField>
      {wrong[""] ? <p className="text-xs font-medium text-bad">{wrong[""]}</p> : null}
      {POOL_ROWS.map((row) => (
        <fieldset
          key={row}
          className={cx(
            "grid gap-x-3 gap-y-2 md:grid-cols-[3fr_2fr]",
            row > 1 && "hidden group-has-[option[value='']:checked]/pools:grid",
          )}
        >
          <legend className="mb-1 font-medium">
            {t("request.field.pool", { number: row })}
            {row > 1 ? <span className="font-normal text-muted">{` (${t("common.optional")})`}</span> : null}
          </legend>
          <TextField
            label={t("request.field.url")}
            hint={row === 1 ? t("request.field.urlHint") : undefined}
            name={`url${row}`}
            defaultValue={values[`url${row}`]}
            error={wrong[`url${row}`]}
            placeholder={row === 1 ? "stratum+tcp://pool.example.com:3333" : undefined}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={255}
          />
          <TextField
            label={t("request.field.worker")}
            hint={row === 1 ? t("request.field.workerHint", { placeholders: PLACEHOLDERS }) : undefined}
            name={`worker${row}`}
            defaultValue={values[`worker${row}`]}
            error={wrong[`worker${row}`]}
            placeholder={row === 1 ? "account.{worker}" : undefined}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={128}
          />
          {passwords === undefined ? null : (
            <TextField
              type="password"
              label={t("request.field.passwordShort")}
              hint={row === 1 ? passwords : undefined}
              name={`password${row}`}
              autoComplete="new-password"
              maxLength={128}
            />
          )}
        </fieldset>
      ))}
    </div>
  )
}

/** A password for each pool: in forms that are posted, never in one that makes an address. */
export function PoolPasswords({ values, kept }: { values: FieldValues; kept: string | null }) {
  const t = useT()
  const rows = poolRows(values)
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      {rows.map((row) => (
        <TextField
          key={row}
          type="password"
          name={`password${row}`}
          label={t("request.field.password", {
            number: values.slot === undefined ? row : Number(values.slot) + 1,
          })}
          hint={row === rows[0] ? (kept ?? t("request.field.passwordHint")) : undefined}
          autoComplete="new-password"
          maxLength={128}
        />
      ))}
    </div>
  )
}
