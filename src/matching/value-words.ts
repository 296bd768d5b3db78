/** One line: words that values are written with, read as the first of them. Whole values too: "m" is male only where it stands alone. */
const GROUPS = `
yes y true t
no n false f none
alive living survivor
dead deceased died expired death
male man men boy
female woman women girl
married spouse
white caucasian
black african
asian
hispanic latino latina spanish
never nonsmoker
former ex previous reformed prev
current active present
absent
unknown unk unspecified
tumor tumour neoplasm
cancer carcinoma malignancy
normal healthy
unilateral
bilateral both
left l lt
right r rt
positive pos positve
negative neg
surgery surgical resection
radiation radiotherapy
chemotherapy chemo
metastatic metastasis metastases
recurrence recurrent relapse
frozen cryopreservation
paraffin ffpe formalin
wildtype wild
grade
`;

/** Word -> the word it is read as. */
export const VALUE_WORDS: ReadonlyMap<string, string> = new Map(
  GROUPS.trim()
    .split('\n')
    .flatMap((line) => {
      const words = line.split(' ');
      return words.map((word): [string, string] => [word, words[0] ?? word]);
    }),
);
