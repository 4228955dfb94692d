{{/* Variables that are written as the values say, by program: the path of each among the program's settings. */}}
{{- define "shema.variables" -}}
gateway:
  RATE_LIMIT_AUTH: rateLimit.auth
  RATE_LIMIT_DEFAULT: rateLimit.default
  PERSON_REQUESTS_PER_SECOND: rateLimit.person
  TRUSTED_PROXIES: trustedProxies
  CORS_ALLOWED_ORIGINS: corsAllowedOrigins
  CACHE_TTL: cacheTTL
  SESSION_CACHE_TTL: sessionCacheTTL
booking:
  BOOKINGS_PER_PERSON: bookingsPerPerson
chat:
  CHAT_RETENTION: retention
  CHAT_MAX_SOCKETS: maxSockets
  CHAT_FRAMES_PER_SECOND: framesPerSecond
  CHAT_FRAME_BURST: frameBurst
  CHAT_BYTES_PER_SECOND: bytesPerSecond
  CHAT_BYTE_BURST: byteBurst
  CHAT_QUEUE_BYTES: queueBytes
  CHAT_POLL_EVERY: pollEvery
recommendation:
  RECOMMENDATIONS_PER_PERSON: perPerson
operator:
  WATCH_NAMESPACES: watchNamespaces
  RESYNC_INTERVAL: resyncInterval
  POLL_INTERVAL: pollInterval
{{- end -}}

{{/* A setting as the text of a variable: lists with commas, numbers without exponent. */}}
{{- define "shema.text" -}}
{{- if kindIs "slice" . }}{{ join "," . }}{{ else if kindIs "float64" . }}{{ printf "%.15g" . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* The environment of one program: include "shema.environment" (dict "root" $ "key" "gateway" "app" …). */}}
{{- define "shema.environment" -}}
{{- $root := .root -}}{{- $values := .root.Values -}}{{- $app := .app -}}
{{- $settings := include "shema.settings" . | fromJson -}}
- {name: LOG_LEVEL, value: {{ $values.logLevel }}}
- {name: SHUTDOWN_TIMEOUT, value: {{ $values.shutdown.timeoutSeconds }}s}
{{- with $values.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- if ne .key "gateway" }}
{{ include "shema.fromSecret" (list "DATABASE_URL" (include "shema.postgresSecret" $root) $app.id) }}
{{- end }}
{{- if $app.sidecar }}
{{ include "shema.fromSecret" (list "APP_API_TOKEN" (printf "dapr-app-token-%s" $app.id) "token") }}
{{ include "shema.fromSecret" (list "DAPR_API_TOKEN" (printf "dapr-api-token-%s" $app.id) "token") }}
{{ include "shema.fromSecret" (list "SERVICE_JWT_SECRET" (include "shema.secret" $root) "service-jwt-secret") }}
- {name: JWKS_FILE, value: /etc/shema/jwks.json}
{{- end }}
{{- if eq .key "auth" }}
- {name: JWT_PRIVATE_KEY_FILE, value: /etc/shema/jwt-private-key.pem}
{{ include "shema.fromSecret" (list "REFRESH_TOKEN_SECRET" (include "shema.secret" $root) "refresh-token-secret") }}
{{- else if eq .key "user" }}
- {name: WEB_URL, value: {{ include "shema.webURL" $root | quote }}}
{{- with $values.apiURL }}
- {name: API_URL, value: {{ . | quote }}}
{{- end }}
{{ include "shema.fromSecret" (list "REDIS_URL" (include "shema.redisSecret" $root) "url") }}
{{- if include "shema.hasMail" $root }}
{{- $mail := $values.mail.existingSecret | default "shema-mail" }}
{{- range $name, $key := dict "SMTP_HOST" "host" "SMTP_PORT" "port" "SMTP_USERNAME" "user" "SMTP_PASSWORD" "password" "MAIL_FROM" "from" }}
{{ include "shema.fromSecret" (list $name $mail $key) }}
{{- end }}
- {name: SMTP_TLS, value: {{ $values.mail.tls }}}
{{- end }}
{{- else if eq .key "gateway" }}
- {name: CHAT_URL, value: "http://chat-service:3005"}
{{- else if eq .key "chat" }}
- {name: CORS_ALLOWED_ORIGINS, value: {{ join "," $values.apps.gateway.corsAllowedOrigins | quote }}}
{{ include "shema.fromSecret" (list "REDIS_URL" (include "shema.redisSecret" $root) "url") }}
{{- else if eq .key "recommendation" }}
{{- with $settings.modelEndpoint }}
- {name: AI_MODEL_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- with $settings.modelTokenSecret }}
{{ include "shema.fromSecret" (list "AI_MODEL_TOKEN" . "token") }}
{{- end }}
{{- else if eq .key "operator" }}
- {name: LEADER_ELECT, value: "true"}
- {name: LEADER_ELECTION_NAMESPACE, value: {{ $root.Release.Namespace }}}
{{- end }}
{{- if has .key (list "booking" "course") }}
- {name: SCHOOL_TIME_ZONE, value: {{ $values.timeZone }}}
{{- end }}
{{- range $name, $path := dig .key dict (include "shema.variables" . | fromYaml) }}
{{- $value := $settings }}
{{- range splitList "." $path }}{{ $value = index $value . }}{{ end }}
- {name: {{ $name }}, value: {{ include "shema.text" $value | quote }}}
{{- end }}
{{- end -}}
