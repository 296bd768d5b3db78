/** Words the grammar needs: alone they name no column. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  `top bottom first last latest newest oldest earliest recent most least fewest highest lowest largest smallest biggest best worst greatest maximum minimum max min
   average avg mean median total sum count number share percentage percent proportion fraction ratio more less fewer greater higher lower above below over under
   between than equal distinct unique different common frequent not except excluding without null missing empty by per each every for and or since before after
   daily weekly monthly quarterly yearly annual annually hourly group grouped order ordered sort sorted rank ranked trend compare versus vs change positive negative
   contains containing starting ending begins like named called titled many much how what which who when where list show display find get give only other`.split(
    /\s+/,
  ),
);

export const BUCKET_WORDS: ReadonlySet<string> = new Set(
  'hour hours day days week weeks month months quarter quarters year years'.split(' '),
);
