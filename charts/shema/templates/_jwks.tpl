{{/*
The public half of an Ed25519 key in PEM, as a JSON key set. Templates cannot take a key apart, but can make a certificate of
it, in which the public key's 32 bytes follow the fixed head of its kind (RFC 8410). Without a kid the key's thumbprint is it.
*/}}
{{- define "shema.jwks" -}}
{{- $certificate := genSelfSignedCertWithKey "shema" list list 1 . -}}
{{- $der := $certificate.Cert | replace "-----BEGIN CERTIFICATE-----" "" | replace "-----END CERTIFICATE-----" "" | replace "\n" "" | b64dec -}}
{{- $public := splitList (b64dec "MCowBQYDK2VwAyEA") $der | last | substr 0 32 -}}
{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","x":"{{ $public | b64enc | replace "+" "-" | replace "/" "_" | trimSuffix "=" }}"}]}
{{- end -}}
