// The reader's language: the one thing that this shop keeps in the browser.
import { createContext, useContext } from "react";
import { en } from "./en";
import { type Words, zh } from "./zh";

export type Language = "zh" | "en";

const KEPT_AS = "perkhub.language";
const WORDS: Record<Language, Words> = { zh, en };
export const LOCALES: Record<Language, string> = { zh: "zh-CN", en: "en" };

/** What was chosen before, else what the browser asks for; Chinese first. */
export function firstLanguage(): Language {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    if (kept === "zh" || kept === "en") return kept;
  } catch {
    // Storage may be switched off.
  }
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh";
}

export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // Then it lasts as long as the page.
  }
}

interface Reader {
  language: Language;
  choose: (language: Language) => void;
}

export const ReaderContext = createContext<Reader>({ language: "zh", choose: () => {} });

export function useReader(): Reader {
  return useContext(ReaderContext);
}

/** Everything that the shop itself says, in the reader's language. */
export function useWords(): Words {
  return WORDS[useReader().language];
}

/** Moments and days by the reader's conventions. */
export function useMoments() {
  const locale = LOCALES[useReader().language];
  return {
    day: (iso: string) => new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(iso)),
    moment: (iso: string) =>
      new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso)),
  };
}
