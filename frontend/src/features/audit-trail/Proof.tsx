import { Alert, Button, Collapse, Group, List, Paper, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconCertificate, IconShieldCheck, IconShieldQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { rebuildRows, trailProof, verifyTrail } from "@/api/audit-trail";
import { runs, works } from "@/api/home";
import { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { Digest } from "@/components/Digest";
import { NotRead } from "@/components/NotRead";
import { usePageActions } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { useNumber } from "@/components/use-number";
import { useSaid, useWhy } from "@/components/use-said";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import { adviceFor, canRebuild } from "./findings";

/** What the last verification proved, what it found, and the way to verify again. */
export function Proof() {
  const { t } = useTranslation();
  const why = useWhy();
  const proof = useQuery(trailProof);
  const running = useQuery(works).data?.find((work) => work.kind === workspace.WorkKind.Verify);
  const [asked, setAsked] = useState(false);
  const verify = useAct(verifyTrail, { key: ["verify-trail"], onDone: () => setAsked(true) });
  const verifying = running !== undefined && runs(running);
  usePageActions(t("trail.title"), [
    {
      id: "verify",
      why: verifying ? t("trail.verifying") : "",
      busy: verify.isPending,
      run: () => verify.mutate(),
    },
  ]);
  if (proof.isError) return <NotRead title={t("trail.proofNotRead")} query={proof} />;
  if (proof.isPending) return null;
  const busy = verifying;
  const verified = isKnown(proof.data.at);
  const { report, since, foundSaid, sinceSaid } = proof.data;
  const told = verified ? foundSaid : sinceSaid;
  const findings = (verified ? report.findings : since).map((found, i) => ({
    code: found.code,
    text: why.say(found.message, told?.[i]),
  }));
  return (
    <Stack gap="sm">
      <Paper withBorder radius="md" p="sm" px="md" component="section" aria-label={t("trail.proof")}>
        <Group justify="space-between" gap="md" align="flex-start">
          <Verdict proof={proof.data} verified={verified} doubts={findings.length} />
          <WhyButton
            variant={verified && findings.length === 0 ? "default" : "filled"}
            leftSection={<IconCertificate size={16} aria-hidden />}
            onClick={() => verify.mutate()}
            allowed={!busy}
            why={t("trail.verifying")}
            loading={verify.isPending}
            flex="none"
          >
            {t("trail.verify")}
          </WhyButton>
        </Group>
        {running && (busy || running.problem) && (
          <div style={{ marginTop: 8 }}>
            <WorkProgress work={running} />
          </div>
        )}
        {verified && !busy && <Proves proof={proof.data} opened={asked} />}
      </Paper>
      {findings.length > 0 && <Findings findings={findings} verified={verified} />}
    </Stack>
  );
}

type VerdictProps = { proof: workspace.TrailProof; verified: boolean; doubts: number };

function Verdict({ proof, verified, doubts }: VerdictProps) {
  const { t } = useTranslation();
  const number = useNumber();
  const Icon = doubts > 0 ? IconAlertTriangle : verified ? IconShieldCheck : IconShieldQuestion;
  const color = doubts > 0 ? "red" : verified ? "green" : "gray";
  const { entries, acts } = proof.report;
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start" flex="1 1 18rem">
      <ThemeIcon size={32} radius="xl" variant="light" color={color}>
        <Icon size={19} stroke={1.7} aria-hidden />
      </ThemeIcon>
      <div role="status">
        <Text size="md" fw={600}>
          {doubts > 0
            ? t("trail.doubts", { count: doubts })
            : verified
              ? t("trail.proven", { entries: number(entries), acts: number(acts) })
              : t("trail.unproven")}
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {verified ? (
            <>
              {t("trail.verifiedAt")} <When at={proof.at} /> ·{" "}
              {t(proof.keychain ? "trail.withKeychain" : "trail.withoutKeychain")}
            </>
          ) : (
            t("trail.openedOnly")
          )}
        </Text>
      </div>
    </Group>
  );
}

/** What a verification proves, in sentences, and the root that says it in one line. */
function Proves({ proof, opened }: { proof: workspace.TrailProof; opened: boolean }) {
  const say = useSaid("trail");
  const { t } = useTranslation();
  const number = useNumber();
  const [open, setOpen] = useState(opened);
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        mt={6}
        ml={36}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t(open ? "trail.hideProves" : "trail.showProves")}
      </Button>
      <Collapse expanded={open} transitionDuration={0}>
        <Stack gap="xs" pl={44} pt="xs">
          <List size="sm" spacing={4}>
            {proof.proves.map((sentence, i) => (
              <List.Item key={sentence}>{say(sentence, proof.said[i])}</List.Item>
            ))}
          </List>
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              {t("trail.root", { size: number(proof.size) })}
            </Text>
            <Digest value={proof.root} length={44} />
          </Group>
          <Text size="sm" c="dimmed">
            {t("trail.notProven")}
          </Text>
        </Stack>
      </Collapse>
    </>
  );
}

type Finding = { code: string; text: string };

/** Each doubt in red with what to do, those of one kind together; and Rebuild where that mends. */
function Findings({ findings, verified }: { findings: Finding[]; verified: boolean }) {
  const { t } = useTranslation();
  const why = useWhy();
  const [said, setSaid] = useState<workspace.Said[]>();
  const rebuild = useAct(rebuildRows, { onDone: setSaid });
  const codes = [...new Set(findings.map((finding) => finding.code))];
  const mends = codes.some(canRebuild);
  usePageActions(t("trail.title"), [
    mends && { id: "rebuild", busy: rebuild.isPending, run: () => rebuild.mutate() },
  ]);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(verified ? "trail.findings" : "trail.openingFindings", { count: findings.length })}
      role="alert"
    >
      <Stack gap="sm">
        {codes.map((code) => (
          <Kind key={code} code={code} findings={findings.filter((finding) => finding.code === code)} />
        ))}
        {mends && (
          <Group gap="sm">
            <Button
              color="red"
              variant="default"
              onClick={() => rebuild.mutate()}
              loading={rebuild.isPending}
            >
              {t("trail.rebuild")}
            </Button>
            <Text size="sm" flex={1} miw={220}>
              {t("trail.rebuildMeans")}
            </Text>
          </Group>
        )}
        {said && (
          <div role="status">
            <Text size="sm" fw={600}>
              {t("trail.rebuilt", { count: said.length })}
            </Text>
            <List size="sm">
              {said.map((sentence) => (
                <List.Item key={sentence.text}>{why.say(sentence.text, sentence)}</List.Item>
              ))}
            </List>
            <Text size="sm">{t("trail.verifyAgain")}</Text>
          </div>
        )}
      </Stack>
    </Alert>
  );
}

const shown = 20;

function Kind({ code, findings }: { code: string; findings: Finding[] }) {
  const { t } = useTranslation();
  return (
    <div>
      <List size="sm" spacing={2}>
        {findings.slice(0, shown).map((finding) => (
          <List.Item key={finding.text} style={{ overflowWrap: "anywhere" }}>
            {finding.text}
          </List.Item>
        ))}
      </List>
      {findings.length > shown && (
        <Text size="sm">{t("trail.moreFindings", { count: findings.length - shown })}</Text>
      )}
      <Text size="sm" fw={550} mt={2}>
        {t(`trail.advice.${adviceFor(code)}`)}
      </Text>
    </div>
  );
}
