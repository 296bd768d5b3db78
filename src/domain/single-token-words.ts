/**
 * Words that o200k_base and cl100k_base have a token for as they are, with a capital and after a space; counted with both. Those of the first
 * list have one with an underscore before them too.
 */
const AFTER_UNDERSCORE = `
about account action active activity added address after age agent album all amount anchor and ann answer any api application are
area array article artist asset assets attempt attribute author avatar average balance base basic before begin best between bid
bill birth black board body bool boolean budget business call campaign can cancel cap car card case cash category cell cells center
certificate change changed channel char charge city class client close closed code collect collection column columns com comment
common company complete completed condition const contact contacts contract core cost count country coupon cover created creation
creator csv cur currency current customer damage dark data date datetime day days dead decimal deg degree deleted department
description destination detail dict digit dimension discount distance distribution document domain double down due duration each
effect else email employee enabled end engine entry error event every example examples exchange execution expected export
expression extent external factor failed failure false family fee field fields final finish finished first flag flow follow for
form free frequency from full functions gain gender gene general get given good grade group guid has have height high history home
host hour hours https identifier image import income index indicator information initial instruction int integer interest into
inventory invoice iso issue item items job join json key kind known label language large last latest length less letters level
library license like line link list live locale location long loss low lower mail main management manager manual map margin market
mass math max mean measure medium message method middle min minutes mobile model modified money month more movie multiple name
negative net new next node nodes non none normal not note notes null num number object oct off old one only open operation
operations operator opt ord order org origin original other out over owner page paid parent part partial party password patient
pattern patterns pay payment peak pending per percent percentage period person phase phone photo picture pipeline place plain plan
plane points population position positive power prefix present pressure previous price prices primary prior priority private
process product profit prompt properties provider public purchase python quantity quote range rank rate rating ratio reason
received recent record records reference region registered registration regular relation relationship relative release remaining
removed report reports request required response result return reverse revision role room round route row run running runtime
salary sales same sample samples schema school score second secondary secret sector security segment sentence seq sequence serial
service set shape share shipping short site size small social some song source species speed split square staff stage standard
start started state station status step stock stop str strategy stream string strip sub subject subscription subset sum summary
supplier surface symbol system table tables take target task tax temperature term terminal test text than that the then this
thumbnail time timestamp title topic total track trade transaction transactions transform trial trip true truth type uid under unit
units unknown until updated upper uri url used user users uuid value values variant vehicle velocity vendor verified version visit
void volume vote way weather web week weight when where white with worker writer written year yes you zip zone
`;
const OTHERS = `
abstract activities additional against airport aliases also american analytics animal annual appointment approved ask associate
authorization been beer benchmark billing bird blood bond bone born boss both brain built but canonical capital carrier cause
classification colon community companies compound concept confirmed consumer county customers deal death development director
district division doctor draft drivers drug during edited edition education effective employees ended entered enterprise estimated
everything expense experiment expiration fax female film flight forecast fund genre had highest homepage hospital hub individual
industry instrument insurance international internet intl issuer its journal keeping latitude lead legal linked loan longitude look
lost lot made male manufacturer marketing matcher maximum may measurement median medical meeting merchant minimum minute monthly
months most nation nature nos opened opening organ organization others own ownership participant past payments physical portfolio
postal preferred principal procedure production province publication published publisher quarter race raised receipt remark remarks
repair research restaurant risk rnd road seller severity sex shares sky solid spot spread still street strict stripe such surname
telephone textarea their them there these they thing third those through ticker tier town utc venue verification warehouse was
website were what whatever whether which while who whole why will won works would years
`;

/** Word -> whether an underscore before it costs nothing. */
export const SINGLE_TOKEN_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...wordsOf(OTHERS).map((word): [string, boolean] => [word, false]),
  ...wordsOf(AFTER_UNDERSCORE).map((word): [string, boolean] => [word, true]),
]);

function wordsOf(list: string): string[] {
  return list.trim().split(/\s+/);
}
