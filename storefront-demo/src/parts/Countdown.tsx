// Time left, by the server's clock.
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { useShop } from "../api/shop";
import { useWords } from "../words/language";
import style from "./Countdown.module.css";

export function Countdown({ until }: { until: string }) {
  const words = useWords();
  const { ahead } = useShop();
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  const seconds = Math.max(0, Math.round((Date.parse(until) - now - ahead) / 1000));
  const told = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <time className={style.left} dateTime={until} role="timer" aria-live="off">
      {words.order.left(told)}
    </time>
  );
}
