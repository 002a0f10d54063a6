"""Application responses as OIOUBL and Peppol write them, of invented parties."""

SPACE = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
OIOUBL, INVOICE_RESPONSE = "OIOUBL-2.1", "urn:fdc:peppol.eu:poacc:trns:invoice_response:3"
MESSAGE_LEVEL_RESPONSE = "urn:fdc:peppol.eu:poacc:trns:mlr:3"
BUYERS_GLN = "5798000000018"


def a_response(
    code: str = "BusinessReject",
    *,
    customization: str = OIOUBL,
    why: str = "<cbc:Description>Kontostrengen er lukket: 5250 Ærødal</cbc:Description>",
    document: str = "<cbc:ID>2026-0001234</cbc:ID><cbc:DocumentTypeCode>Invoice</cbc:DocumentTypeCode>",
    lines: str = "",
    begin: str = '<?xml version="1.0" encoding="UTF-8"?>\n',
    more: str = "",
) -> str:
    return f"""{begin}<ApplicationResponse xmlns="{SPACE}" xmlns:cac="{CAC}" xmlns:cbc="{CBC}">
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID>
  <cbc:CustomizationID>{customization}</cbc:CustomizationID>
  <cbc:ID>RESP-7</cbc:ID>
  <cbc:IssueDate>2026-04-03</cbc:IssueDate>
  <cac:SenderParty>
    <cbc:EndpointID schemeID="GLN">{BUYERS_GLN}</cbc:EndpointID>
    <cac:PartyName><cbc:Name>Ærødal Kommune</cbc:Name></cac:PartyName>
  </cac:SenderParty>
  <cac:ReceiverParty><cbc:EndpointID schemeID="GLN">5798000000025</cbc:EndpointID></cac:ReceiverParty>
  <cac:DocumentResponse>
    <cac:Response><cbc:ReferenceID>1</cbc:ReferenceID><cbc:ResponseCode>{code}</cbc:ResponseCode>{why}</cac:Response>
    <cac:DocumentReference>{document}</cac:DocumentReference>{lines}
  </cac:DocumentResponse>{more}
</ApplicationResponse>
"""
