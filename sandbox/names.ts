// Invented names of companies and people. A company's name comes from its number, so that no two share one.

const stems =
  'Halloway Marrow Castellan Larkspur Brindle Ostrander Penhallow Quillan Ravelston Sorrel Thackeray Ulverton Vantry Westmark Yarborough Ashgrove Bellweather Corrigan Dunmore Eastvale Fenwick Garrick Hartwell Inglenook Juniper Kelmscott Lindqvist Merriden Norcross Oakhurst Pemberton Quayside Rosemont Stillwater Tamarack Underhill Valemont Wexley Yellowstone Zellner Amberline Blackthorn Cedarbrook Driftwood Elmhurst Foxglove Greystone Hollander Ivory Jasper Kingsway Longacre Mapleton Nightingale Orchard Palisade Queensbury Ridgeway Saltmarsh Trellis Umberland Vinehall Whitcombe Yardley Abernathy Bancroft Calloway Delacroix Ellery Farrow Gainsborough Huxley Ives Jarrow Kirkland Lockhart Montclair Newhall Orison Prescott Redfern Sheffield Tilden Upshaw Verity Wainwright Alcott Birch Cordell Danvers Everard Fairmont Gresham Hadley Islington Keswick Lathrop Mercer Northgate Ormond Pacifica Radcliffe Sanderling Tremont Vickers Winslow'.split(
    ' ',
  );
const stemsEurope =
  'Brennecke Aubrac Lindenhof Vandermeer Castelnau Rosenthal Delvaux Holzmann Montreuil Kerkhof Altmark Beaumont Dijkstra Eichner Fontaine Grunewald Hoekstra Isère Jansma Kallweit Lacombe Mühlbach Noordzee Oberland Perrault Quintard Rheingau Steenbeek Talmont Uhlmann Verhoeven Weissdorn Zandberg Arnaud Bruggen Carrara Duisberg Estrada Ferrand Galindo Hartung Iberia Jourdain Krüger Leclerc Maribor Navarro Olivier Pradera Rebstock Salazar Tessier Urbina Valcour Wolfram Zeller'.split(
    ' ',
  );
const sectors =
  'Freight|Dental Group|Logistics|Home Health|Foods|Property Care|Mechanical|Facilities|Outdoor|Senior Living|Energy Services|Medical Supply|Building Systems|Distribution|Packaging|Marine|Fire & Safety|Elevator|Landscaping|Restoration|Water Works|Roofing|Clinics|Laboratories|Security|Hospitality|Rail Services|Equipment Rental|Refrigeration|Veterinary|Paving|Data Centers|Airport Services|Timber|Solar|Glass|Plumbing & Heating|Insurance Services|Textiles|Lighting|Inspection|Transit|Furnishings|Printing|Staffing|Orthopedics|Breweries|Nurseries|Telecom|Utilities|Waste Solutions|Catering|Cold Storage|Forge|Electric|Imaging|Field Services|Schools|Boatyards'.split(
    '|',
  );
const sectorsEurope =
  'Maschinenbau|Santé|Logistik|Technik|Énergie|Transport|Bouw|Services|Medical|Industrie|Anlagen|Techniek|Gebäudedienste|Alimentation|Instalaciones|Frigo|Aufzüge|Propreté|Groen|Wartung|Ascenseurs|Clima|Haustechnik|Maritime|Sécurité|Verpakking'.split(
    '|',
  );
const places =
  'North South East West Central Pacific Atlantic Midland Coastal Highland Valley Lakeside Harbor Capital Summit Prairie Delta Canyon Bay River Metro Twin Cities Frontier Heritage Union Liberty Pioneer Sterling Keystone Granite'.split(
    ' ',
  );

export const reps = [
  'Maya Okafor',
  'Daniel Reyes',
  'Priya Raman',
  'Tom Ellison',
  'Ines Carvalho',
  'Jonas Weber',
  'Aisha Karim',
  'Luca Moretti',
  'Hannah Brooks',
  'Wei Zhang',
] as const;
export const partnerManagers = ['Sofia Lindgren', 'Marcus Bell', 'Camille Roux', 'Owen Tanaka'] as const;
export const firstNames =
  'anna ben carla david elena felix grace hugo irene jack kira leo maria nils olga paul rosa sam tara victor wendy yusuf zoe adam bruno clara dan eva'.split(
    ' ',
  );
export const lastNames =
  'abbott berger castro dawson ekman fischer gomez hayes ivers jensen keller lopez meyer nolan ortega price quinn russo silva turner ueda vogel walsh young zimmer'.split(
    ' ',
  );
export const freeMail = ['gmail.com', 'outlook.com', 'yahoo.com', 'gmx.de'] as const;

/** The name of company number `index`; `europe` draws from names of the continent. Distinct numbers give distinct names. */
export function companyNameOf(index: number, europe: boolean): string {
  const [heads, tails] = europe ? [stemsEurope, sectorsEurope] : [stems, sectors];
  const pairs = heads.length * tails.length;
  const pair = (index * (europe ? 397 : 2731)) % pairs;
  const round = Math.floor(index / pairs);
  const name = `${heads[pair % heads.length]} ${tails[Math.floor(pair / heads.length)]}`;
  return round === 0 ? name : `${name} ${suffix(round - 1)}`;
}

/** North, South, …, then North 2, South 2, …: what large companies call their regions. */
function suffix(round: number): string {
  const place = places[round % places.length]!;
  const again = Math.floor(round / places.length);
  return again === 0 ? place : `${place} ${again + 1}`;
}

/** A name in the characters of a host name. `.example` belongs to nobody (RFC 2606). */
export function domainOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return `${plain.replaceAll('&', 'and').replaceAll(/[^a-z0-9]+/g, '-')}.example`;
}
