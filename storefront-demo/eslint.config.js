import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

// Without types: the compiler looks at those, and this stays quick.
export default defineConfig(
    { ignores: ["dist", "src/api/operations.ts"] },
    js.configs.recommended,
    { files: ["**/*.ts", "**/*.tsx"], extends: [typescript.configs.recommended] },
    { files: ["src/**"], extends: [hooks.configs.flat.recommended] },
    { files: ["build/*.mjs", "*.ts"], languageOptions: { globals: { process: "readonly" } } },
);
