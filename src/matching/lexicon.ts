/**
 * What people write short, and what it stands for. One entry a line: short forms, then "=", then the readings, most usual first.
 * A reading of several words replaces the short form by all of them.
 */
const ABBREVIATIONS = `
acct acc acnt = account
addr adr = address
adj = adjusted
admn adm = admission
agmt = agreement
amt amnt = amount
annl = annual
appl app = application
appt = appointment
arpt apt = airport
arr = arrival
assoc = associate
at = total assets, at
attr = attribute
auth = authorization
avg ave = average
bal = balance
bday = birth date
bmi = body mass index
bp = blood pressure
brwr = borrower
bus biz = business
cat catg ctgy = category
cert = certificate
cfo cfops = cash flow operating
chg = change, charge
cls = class
clin = clinical
clo = close
cmt cmnt = comment
cnt ct = count
cntry ctry cty = country
co comp cmpny = company
cogs = cost of revenue
coll = collection
conf = confirmed
cont = contact
cpn = coupon
crncy ccy cur curr = currency
cust cst = customer
cvc cvv = verification code
cyl = cylinder
dbl = double
dept dpt = department
depr = depreciation
desc dscr descr = description
dest dst = destination
diag dx dgn = diagnosis
diam = diameter
dim = dimension
disc = discount
disch = discharge
dist = distance, district
dt dte dat = date
dob = birth date
doc = document
dod = death date
dur = duration
dvd = dividend
ebit = operating income
ed edu = education
eff = effective
email mail = email
emp empl = employee
eng = engine
enr = enrollment
eps = earnings per share
eq eqty = equity
est = estimated
eth = ethnicity
exch xch = exchange
exp = expiration, expense
expr = expression
fam = family
fcst = forecast
flt fl = flight
fn fname = first name
freq = frequency
fx = exchange rate
fy = fiscal year
fq = fiscal quarter
geo = geographic
gp = gross profit
grd gr = grade, group
grp = group
gvkey = company id
hgt ht = height
hist = history, histologic
hosp = hospital
hr hrs = hour
hx = history
idx = index
ident = identifier
img = image
ind = indicator, industry
info = information
init = initial
ins = insurance
inst = institution
instr = instrument
int = interest, international
inv = invoice
ipo = public offering
iso = iso code
lang = language
lat = latitude
lbl = label
len lgth = length
lic = license
lmk = landmark
ln lname = last name
loc = location
lng lon long = longitude
lst = last, list
lt = long term
lvl = level
mat = maturity
max = maximum
med = medical, median
mfg mfr manuf = manufacturer
mgr = manager
mgmt = management
mi = middle initial
mid = middle
min = minimum, minute
mkt mkts = market
mktcap = market capitalization
mo mth mos = month
mob = mobile
mod = modified, model
msg = message
mv mktval = market value
nat = nationality
nav = net asset value
nbr nmbr nr no num nums = number
neg = negative
ni = net income
nm = name
nxt = next
obj = object
occ = occupation
opp oppty = opportunity
op oper = operation, operator
ops = operations
ord = order
org = organization
orig = origin, original
os = outstanding
pat pt pts = patient
path = pathologic
pay pmt pymt = payment
pct perc prcnt = percent
pd prd per = period
pers = person
ph phn tel = phone
phys = physical
pl = place
pnl = profit loss
po = purchase order
pop = population
pos = position, positive
postcode = postal code
pred = predicted
pref = preferred
prev = previous
pri = primary, price
prob = probability
proc = procedure, process
prod = product
prof = profession
prov = province, provider
pub = published
purch = purchase
pwr = power
px prc = price
qtr = quarter
qty qnty = quantity
rcpt = receipt
rcv recv recd = received
rd rnd = research development
rec = record
ref = reference
reg = region, registration
rel = release, relationship
rem = remarks
rep = representative
req = request, required
res = residence, result
resp = response
ret = return
rev revt = revenue
rm = room
rsn = reason
rte = route
rx = prescription
sal = salary
sec = security, second
seg = segment
seq = sequence
sev = severity
sga = selling general administrative expense
sgmt = segment
shp ship = shipping
shr shrs csho cshoc = shares
sku = stock keeping unit
sn = serial number
spec = species, specimen
spd = speed
sq = square
src = source
ssn = social security number
st = state, street
std = standard
stg = stage
stn = station
str = street
strt = start
sub = subscription
subj = subject
sup supp = supplier
surv = survival
svc srv = service
sx = symptom
sym symb tic = symbol
sys = system
sz = size
tckr tkr = ticker
temp tmp = temperature
term = terminal
tm = time
tot ttl = total
tran txn trx trans = transaction
trd = trade
trt tx = treatment
tum = tumor
typ = type
tz = time zone
univ = university
unrlzd = unrealized
upd = updated
usr = user
util = utilization
val = value
vat = tax
veh = vehicle
vers ver = version
vol = volume
vs = versus
wgt wt = weight
whse wh = warehouse
wk = week
yld = yield
yr = year
zip = postal code
`;

/** Words used for one another in column names. The first is the group's name; a word may be in several groups. */
const SYNONYMS = `
id identifier key code uid uuid guid
number count quantity
number id identifier
amount value total sum price worth
amount payment
price cost rate charge fee
cost expense charge
deal opportunity transaction mandate
company account organization organisation business firm enterprise employer corporation
company operator manufacturer
customer client buyer account consumer patron payer
contact person individual lead
patient subject participant individual person case
vendor supplier seller provider merchant
user owner agent assignee representative
employee staff worker headcount personnel
created inserted added opened
updated modified changed edited
created creation
date day
date time timestamp datetime
datetime timestamp
time hour
start begin beginning from opening effective
end finish stop until to expiration termination
closed close completed finished
stage phase status state step
status condition
state province region
region area zone territory district
region continent
type kind category class classification
type nature
group category segment
genre category
level grade degree tier
grade rank class
size magnitude extent dimension
size mass weight
name title label
title position role
job occupation profession role position
industry sector
description comment remark note narrative detail text summary
comment notes
subject title headline topic
gender sex
race ethnicity
birth born
death deceased dead died
marital marriage
surname last family
first given forename
phone telephone mobile cell
email mail
street address
address location place
city town municipality locality
country nation
postal zip
website url web site link homepage
url link address uri
domain host
currency money
revenue sales turnover income gross
income earnings profit
profit gain
debt liability loan
equity capital
tax vat duty
discount rebate reduction
balance outstanding
paid payment settled
invoice bill
order purchase
order sequence
item product article good
quantity units
subscription contract plan
plan price
percent percentage ratio proportion share
probability likelihood chance
rate ratio
score rating grade points
rating rank
weight mass
height altitude elevation
length duration
duration runtime running
distance length
speed velocity
maximum highest high max upper peak
minimum lowest low min lower
average mean
first initial opening
last final latest recent previous
open opening
symbol ticker
security instrument stock asset share
exchange market venue
issuer company
fund portfolio
holding position
trade execution deal
maturity expiration
origin source from departure
destination to arrival
airport airfield aerodrome
aircraft plane airplane
flight trip journey
airline operator carrier
vehicle car automobile
species animal wildlife
bird wildlife
damage harm loss
weather sky meteorology
road street way
image picture photo thumbnail
film movie title
director filmmaker
author writer creator
publisher distributor
language locale
version revision
reference source
active enabled live current
deleted removed archived
cancelled canceled void
reason cause
failure error
campaign marketing
lead prospect
parent superior
manager supervisor boss
site place location organ
diagnosis disease disorder condition
tumor neoplasm cancer malignancy lesion
metastasis metastases spread
histologic histology morphology
pathologic pathological pathology
clinical clinic
therapy treatment
drug medication medicine agent
surgery procedure operation resection
specimen sample tissue biopsy
relapse recurrence progression
residual remaining
smoking tobacco cigarette smoker
alcohol drinking
physician doctor clinician
hospital facility institution center
visit encounter admission
allergy intolerance
outcome result
exposure history
measurement measure observation test
gene biomarker molecular
survival vital
age years
year annual yearly
month monthly
quarter quarterly
population inhabitants
household family
latitude y
longitude x
primary main principal
secondary other
indicator flag
flag is has whether
confirmed verified approved
password secret
language tongue
school education academic
salary wage pay compensation
department division unit
nationality citizenship
abstract summary
journal publication
assay test experiment
organism species taxon
compound molecule chemical substance
target protein
cell tissue
relation relationship
journal venue
brewery brewer
beer brew
restaurant venue
song track
artist singer musician
album record
`;

/** Words that say next to nothing in a column name. */
export const FILLERS: ReadonlySet<string> = new Set(
  'the of in a an and or for to by on at as per with is has was properties property field column attribute'.split(
    ' ',
  ),
);

export interface Lexicon {
  /** Readings of a short form, each a list of words; empty when it is none. */
  readings(word: string): readonly (readonly string[])[];
  /** Whether the lexicon uses this word, short or long. */
  knows(word: string): boolean;
  synonyms(a: string, b: string): boolean;
  /** Names of the groups of synonyms a word is in. */
  groups(word: string): readonly string[];
  words: ReadonlySet<string>;
}

export function createLexicon(stem: (word: string) => string): Lexicon {
  const readings = readAbbreviations();
  const groups = readSynonyms(stem);
  const words = new Set([
    ...[...readings.values()].flat(2),
    ...SYNONYMS.split(/\s+/).filter((word) => word.length > 1),
  ]);
  const none: readonly number[] = [];
  return {
    words,
    readings: (word) => readings.get(word) ?? [],
    knows: (word) => words.has(word) || readings.has(word),
    groups: (word) => (groups.get(stem(word)) ?? none).map((group) => `~${group}`),
    synonyms(a, b) {
      const ofA = groups.get(stem(a)) ?? none;
      const ofB = groups.get(stem(b)) ?? none;
      return ofA.some((group) => ofB.includes(group));
    },
  };
}

function readAbbreviations(): Map<string, string[][]> {
  const lines = ABBREVIATIONS.trim().split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [forms = '', meanings = ''] = line.split(' = ');
      const readings = meanings.split(', ').map((reading) => reading.split(' '));
      return forms.split(' ').map((form) => [form, readings] as const);
    }),
  );
}

function readSynonyms(stem: (word: string) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [group, line] of SYNONYMS.trim().split('\n').entries()) {
    for (const word of new Set(line.split(' ').map(stem))) {
      groups.set(word, [...(groups.get(word) ?? []), group]);
    }
  }
  return groups;
}
