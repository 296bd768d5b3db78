/** Words used for one another in column names. The first is the group's name; a word may be in several groups. */
export const SYNONYMS = `
id identifier key code uid uuid guid
number count quantity
number id identifier
amount value total sum price worth
amount payment
amount revenue
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
county district
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
