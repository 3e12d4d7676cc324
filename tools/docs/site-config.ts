// Configuration of VitePress for the site of the documentation.
import { githubSlugOf } from './github-slug';

/** Entry of the side bar. */
export interface SideBarGroup {
  readonly text: string;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** Members of markdown-it that are used. */
interface Markdown {
  readonly renderer: { readonly rules: { code_inline?: CodeRule } };
}
type CodeRule = (
  tokens: readonly { attrSet(name: string, value: string): void }[],
  index: number,
  ...rest: unknown[]
) => string;

/** Keeps VitePress from taking braces in code within a line for expressions of a template. */
function showCodeAsItIs({ renderer: { rules } }: Markdown): void {
  const { code_inline: render } = rules;
  if (render === undefined) return;
  rules.code_inline = (tokens, index, ...rest) => {
    tokens[index]?.attrSet('v-pre', '');
    return render(tokens, index, ...rest);
  };
}

/** Makes the configuration. @param outDir folder of the built site */
export const makeSiteConfig = ({
  outDir,
  repository,
  sidebar,
}: {
  readonly outDir: string;
  readonly repository: string;
  readonly sidebar: readonly SideBarGroup[];
}): object => ({
  title: 'n8n-nodes-coriolis',
  description: 'n8n nodes, MCP server, library and sandbox for Coriolis',
  lang: 'en',
  outDir,
  // Anchors are those of GitHub, so that the same links hold in both places.
  // Braces at the end of a line are text, no attributes.
  markdown: { anchor: { slugify: githubSlugOf }, attrs: { disable: true }, config: showCodeAsItIs },
  themeConfig: {
    // An index in the site itself: nothing is asked of another server.
    search: { provider: 'local' },
    sidebar,
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
  },
});
