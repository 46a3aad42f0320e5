import {
  Combobox,
  type CSSVariablesResolver,
  createTheme,
  DrawerHeader,
  Menu,
  ModalHeader,
} from "@mantine/core";

const font = "'Inter Variable', system-ui, sans-serif";

/** The only place that knows colours and fonts. Shade 8 is the first blue that carries white text at 4.5:1. */
export const theme = createTheme({
  primaryColor: "blue",
  primaryShade: 8,
  autoContrast: true,
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily: font,
  headings: { fontFamily: font, fontWeight: "620" },
  // In rem, so that text grows with the person's text size: 12, 13, 14, 16 and 20 px at 100 %.
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  components: {
    // Mantine draws a header element, which would be a second banner of the window.
    ModalHeader: ModalHeader.extend({ defaultProps: { role: "presentation" } }),
    DrawerHeader: DrawerHeader.extend({ defaultProps: { role: "presentation" } }),
    // A list that nobody opened need not be there: it costs as much as ten rows.
    Combobox: Combobox.extend({ defaultProps: { keepMounted: false } }),
    // What it puts before the items for the focus to begin on is no child that a menu may have.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
  },
  colors: {
    // Mantine's dark is a neutral grey; this one leans to blue, like the rest of the window.
    dark: [
      "#d5d9e0",
      "#b4bac4",
      "#99a1ad",
      "#69717e",
      "#3a414c",
      "#2c323b",
      "#232830",
      "#1a1e25",
      "#15181e",
      "#101217",
    ],
  },
});

/**
 * Surfaces of our own, and Mantine's colours that miss a contrast of 4.5:1. These are plain variables, because
 * light-dark() in CSS needs Safari 17.5.
 */
export const surfaces: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--surface-page": "#ffffff",
    "--surface-side": "#f6f8fa",
    "--surface-head": "#f6f8fa",
    "--surface-active": "#e2eefb",
    "--text-active": "#1558a0",
    "--mantine-color-dimmed": "#5b6470",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-yellow-light-color": "#7a4700",
    "--mantine-color-green-light-color": "#1c6b2d",
    "--mantine-color-red-light-color": "#b02121",
    "--mantine-color-teal-light-color": "#086b4d",
    "--mantine-color-cyan-light-color": "#0b6375",
    "--mantine-color-orange-light-color": "#9a3412",
    "--mantine-color-violet-light-color": "#5f3dc4",
    "--mantine-color-pink-light-color": "#a61e4d",
    "--mantine-color-indigo-light-color": "#364fc7",
    "--mantine-color-blue-light-hover": "#d8e9fa",
    "--mantine-color-gray-light": "#e9ecef",
    "--mantine-color-gray-light-color": "#3f464d",
  },
  dark: {
    "--surface-page": "var(--mantine-color-dark-7)",
    "--surface-side": "var(--mantine-color-dark-8)",
    "--surface-head": "var(--mantine-color-dark-6)",
    "--surface-active": "#1d3149",
    "--text-active": "#a5d2ff",
    "--mantine-color-dimmed": "#a9b0bb",
    "--mantine-color-yellow-light": "#43340f",
    "--mantine-color-yellow-light-color": "#ffd876",
    "--mantine-color-blue-light": "#17344f",
    "--mantine-color-blue-light-color": "#9ccfff",
    "--mantine-color-green-light": "#173a23",
    "--mantine-color-green-light-color": "#9be8ae",
    "--mantine-color-red-light": "#4a1f22",
    "--mantine-color-red-light-color": "#ffb3b3",
    "--mantine-color-gray-light": "var(--mantine-color-dark-5)",
    "--mantine-color-gray-light-color": "#cbd2db",
  },
});
