// Colours, type and shapes of the shop; Mantine makes its variables of them.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const pine: MantineColorsTuple = [
  "#eef7f3",
  "#dcece5",
  "#b6d8ca",
  "#8dc3ad",
  "#6bb195",
  "#55a685",
  "#3c8d6e",
  "#23735a",
  "#17594a",
  "#0c4437",
];

export const theme = createTheme({
  primaryColor: "pine",
  primaryShade: 8,
  colors: { pine },
  black: "#20261f",
  defaultRadius: "md",
  fontFamily:
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", system-ui, sans-serif',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Mantine's own greys and reds are too pale on paper for many eyes (WCAG AA asks for 4.5 to 1). */
export const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#62685f",
    "--mantine-color-placeholder": "#6d736a",
    "--mantine-color-error": "#b3261e",
  },
  dark: {},
});
