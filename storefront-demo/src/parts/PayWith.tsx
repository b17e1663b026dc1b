// The ways to pay that the shop offers, the wallet with what is in it.
import { useWords } from "../words/language";
import { Choice, Choices } from "./Choices";
import style from "./PayWith.module.css";

interface Props {
  methods: ReadonlyArray<string>;
  method: string;
  onChange: (method: string) => void;
  wallet?: { spendable: { amount: string; formatted: string } } | undefined;
  due?: string | undefined;
  withoutWallet?: boolean;
}

export function PayWith({ methods, method, onChange, wallet, due, withoutWallet = false }: Props) {
  const words = useWords();
  const short = due !== undefined && Number(wallet?.spendable.amount ?? 0) < Number(due);
  const offered = [...(withoutWallet ? [] : ["wallet"]), ...methods.filter((one) => one !== "wallet")];
  return (
    <Choices legend={words.product.payWith}>
      {offered.map((one) => (
        <Choice key={one} name="method" value={one} checked={one === method} onChoose={() => onChange(one)}>
          <span className={style.method}>
            <span>{words.methods[one] ?? one}</span>
            {one === "wallet" && (
              <span className={style.balance} data-short={short || undefined}>
                {wallet ? words.product.balance(wallet.spendable.formatted) : ""}
                {short ? ` ${words.product.tooLittle}` : ""}
              </span>
            )}
          </span>
        </Choice>
      ))}
    </Choices>
  );
}
