import { pick, type Random } from './seeded-random.ts';

/** A table of made-up rows in the form of a well-known public one; every column is named and each row has a value a column. */
export interface FabricatedTable {
  name: string;
  columns: readonly string[];
  row(random: Random, at: number): readonly string[];
}

const words = (list: string) => list.split(';');
const FIRST = words(
  'Anna;Bob;Carla;Dmitri;Elena;Farid;Grace;Hugo;Ines;Jamal;Keiko;Liam;Maya;Noor;Oscar;Priya;Quinn;Rosa;Sven;Tara',
);
const LAST = words(
  'Abbott;Baker;Castro;Dubois;Eriksen;Fischer;Garcia;Hansen;Ito;Jones;Kaya;Lopez;Moreau;Novak;Okafor;Patel;Quist;Rossi;Sato;Tanaka',
);
const CITY = words(
  'Austin;Boston;Chicago;Denver;El Paso;Fresno;Houston;Irvine;Juneau;Laredo;Miami;Omaha;Reno;Tampa;Waco',
);
const STATE = words('TX;MA;IL;CO;CA;FL;NE;NV;AK');
const STREET = words('Oak St;Main St;Pine Ave;Lake Rd;Hill Dr;2nd Ave;Elm Ct;Park Blvd');
const EMPLOYER = words('Acme Corp;Globex;Initech;Umbrella Ltd;Stark Inc;Wayne LLC;Hooli;Vandelay;Soylent');
const ORGANISM = words(
  'Homo sapiens;Rattus norvegicus;Mus musculus;Canis familiaris;Escherichia coli;Plasmodium falciparum',
);
const TISSUE = words('Liver;Plasma;Brain;Kidney;Blood;Lung;Spleen;Heart');
const CELL = words('HeLa;MCF7;CHO;HEK293;A549;HepG2;K562;Jurkat');
const ASSAY = words(
  'Inhibition of binding at receptor;In vitro cytotoxicity against cells;Displacement of radioligand;Half life in plasma;Oral bioavailability in rat',
);
const INSTRUMENT = words('guitar;piano;violin;voice;drums;saxophone;cello;trumpet');
const GENRE = words('jazz;pop;hip hop;soul;country;folk;opera;blues;electronic');
const COUNTRY = words('United States;Canada;France;Japan;Brazil;Nigeria;Germany;Sweden');
const LABEL = words('Columbia;Atlantic;Motown;Sub Pop;Blue Note;Def Jam;EMI');
const DEPARTMENT = words('Transport;Parks;Public Works;Health;Housing;Finance;Police');
const VENDOR = words(
  'North Paving Ltd;Cedar Supplies;Maple IT Services;Aurora Consulting;Bridge Builders;Polar Foods',
);
const STATUS = words('Awarded;Open;Closed;Cancelled;Under review');

/** A prospect list of the TPC-DI benchmark's form, a ChEMBL assay table, a city's contracts and a list of musicians. */
export const FABRICATED_TABLES: readonly FabricatedTable[] = [
  {
    name: 'prospect',
    columns: words(
      'AgencyID;LastName;FirstName;MiddleInitial;Gender;AddressLine1;PostalCode;City;State;Country;Phone;Income;NumberCars;NumberChildren;MaritalStatus;Age;CreditRating;OwnOrRentFlag;Employer;NumberCreditCards;NetWorth',
    ),
    row: (r, at) => [
      `AG${1000 + at}`,
      pick(r, LAST),
      pick(r, FIRST),
      pick(r, words('A;B;C;D;E')),
      pick(r, words('M;F')),
      `${r.below(9000)} ${pick(r, STREET)}`,
      String(10_000 + r.below(89_000)),
      pick(r, CITY),
      pick(r, STATE),
      'USA',
      `(${200 + r.below(700)}) 555-${1000 + r.below(8999)}`,
      String(20_000 + r.below(180_000)),
      String(r.below(5)),
      String(r.below(6)),
      pick(r, words('S;M;D;W')),
      String(18 + r.below(70)),
      String(300 + r.below(550)),
      pick(r, words('O;R;U')),
      pick(r, EMPLOYER),
      String(r.below(9)),
      String(r.below(2_000_000) - 100_000),
    ],
  },
  {
    name: 'assays',
    columns: words(
      'assay_id;doc_id;description;assay_type;assay_test_type;assay_organism;assay_tax_id;assay_tissue;assay_cell_type;tid;relationship_type;confidence_score;curated_by;src_id;chembl_id;bao_format',
    ),
    row: (r, at) => [
      String(30_000 + at * 7),
      String(6_000 + r.below(900)),
      pick(r, ASSAY),
      pick(r, words('B;F;A;T')),
      pick(r, words('In vivo;In vitro;Ex vivo')),
      pick(r, ORGANISM),
      pick(r, words('9606;10116;10090;9615;562;5833')),
      pick(r, TISSUE),
      pick(r, CELL),
      String(100 + r.below(20_000)),
      pick(r, words('D;H;M;N;S;U')),
      String(r.below(10)),
      pick(r, words('Autocuration;Expert;Intermediate')),
      String(1 + r.below(3)),
      `CHEMBL${600_000 + at * 13}`,
      `BAO_${String(r.below(400)).padStart(7, '0')}`,
    ],
  },
  {
    name: 'contracts',
    columns: words(
      'reference_number;procurement_id;vendor_name;vendor_postal_code;buyer_name;contract_date;economic_object_code;description_en;contract_period_start;delivery_date;contract_value;original_value;amendment_value;comments_en;department;status;number_of_bids;country_of_vendor',
    ),
    row: (r, at) => [
      `C-2019-${1000 + at}`,
      String(4_500_000 + r.below(90_000)),
      pick(r, VENDOR),
      `K${r.below(9)}A ${r.below(9)}B${r.below(9)}`,
      `${pick(r, FIRST)} ${pick(r, LAST)}`,
      `2019-0${1 + r.below(9)}-1${r.below(9)}`,
      pick(r, words('0491;1172;0819;0351;1228')),
      pick(r, words('Consulting services;Road salt;Laptops;Office chairs;Bridge inspection;Catering')),
      `2018-0${1 + r.below(9)}-2${r.below(9)}`,
      `2021-0${1 + r.below(9)}-0${1 + r.below(8)}`,
      `${10_000 + r.below(900_000)}.${10 + r.below(89)}`,
      `${10_000 + r.below(700_000)}.00`,
      `${r.below(40_000)}.50`,
      pick(r, words('This contract was competitively sourced.;Amended twice.;Standing offer;Call-up')),
      pick(r, DEPARTMENT),
      pick(r, STATUS),
      String(1 + r.below(12)),
      pick(r, COUNTRY),
    ],
  },
  {
    name: 'musicians',
    columns: words(
      'musicianLabel;cityLabel;nbChildren;genderTypeLabel;familyNameLabel;givenNameLabel;birthDate;deathDate;countryCitizenshipLabel;recordLabel;genreLabel;instrumentLabel;websiteUrl;yearsActiveStart',
    ),
    row: (r) => {
      const given = pick(r, FIRST);
      const family = pick(r, LAST);
      return [
        `${given} ${family}`,
        pick(r, CITY),
        String(r.below(7)),
        pick(r, words('male;female')),
        family,
        given,
        `19${30 + r.below(60)}-0${1 + r.below(9)}-1${r.below(9)}`,
        `20${10 + r.below(10)}-0${1 + r.below(9)}-0${1 + r.below(8)}`,
        pick(r, COUNTRY),
        pick(r, LABEL),
        pick(r, GENRE),
        pick(r, INSTRUMENT),
        `http://www.${given}${family}.com`.toLowerCase(),
        String(1950 + r.below(60)),
      ];
    },
  },
];
