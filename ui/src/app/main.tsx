// Everything but the sign-in.
import "./mantine.css";
import "@mantine/notifications/styles.css";
import "./colours.css";
import "./tokens.css";
import "./touch.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "../api/queries";
import { styleNonce } from "./boot";
import { router } from "./router";
import { theme, themeChoice, variables } from "./theme";

// The scroll lock of dialogs writes a style element of its own.
setNonce(styleNonce);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        colorSchemeManager={themeChoice}
        defaultColorScheme="auto"
        getStyleNonce={() => styleNonce}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
