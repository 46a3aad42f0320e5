import { Button, Group, Table } from "@mantine/core";
import type { store } from "@/api/models";
import { CopyText } from "@/components/CopyText";
import { Dialog } from "@/components/Dialog";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** All that the scan said of one customization. */
export function ItemDialog({ item, onClose }: { item?: store.ScanItem; onClose: () => void }) {
  return (
    <Dialog opened={item !== undefined} onClose={onClose} title={item ? `${item.type} · ${item.name}` : ""}>
      {item && <Body item={item} />}
    </Dialog>
  );
}

function Body({ item }: { item: store.ScanItem }) {
  const { t } = useTranslation();
  const rows: [string, string][] = [
    [t("environments.inventory.type"), item.type],
    [t("environments.inventory.name"), item.name],
    [t("environments.inventory.file"), item.fileName],
    [t("environments.inventory.id"), item.metadataId],
    [t("environments.inventory.package"), item.namespacePrefix],
    [t("environments.inventory.manageable"), item.manageableState],
    [t("environments.inventory.createdBy"), item.createdByName],
    [t("environments.inventory.by"), item.lastModifiedByName],
  ];
  return (
    <>
      <Table variant="vertical" layout="fixed" withTableBorder verticalSpacing={6} fz="sm">
        <Table.Tbody>
          {rows
            .filter(([, value]) => value)
            .map(([label, value]) => (
              <Table.Tr key={label}>
                <Table.Th w={170}>{label}</Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          <Table.Tr>
            <Table.Th>{t("environments.inventory.changed")}</Table.Th>
            <Table.Td>
              <When at={item.lastModifiedAt} />
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" mt="md">
        <CopyText value={item.name}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t("common.copied") : t("environments.inventory.copyName")}
            </Button>
          )}
        </CopyText>
      </Group>
    </>
  );
}
