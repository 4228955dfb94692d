{{/* The pod that prepares the database, migrates every schema and makes the first administrator: include "shema.migrateTemplate" . */}}
{{- define "shema.migrateTemplate" -}}
{{- $apps := include "shema.apps" . | fromYaml -}}
{{- $images := dict -}}
{{- range $key, $app := $apps -}}
{{- if $app.schema }}{{ $_ := set $images $key (include "shema.image" (dict "root" $ "key" $key)) }}{{ end -}}
{{- end -}}
{{- $postgres := include "shema.postgresSecret" . -}}
{{- $resources := .Values.defaults.resources -}}
metadata:
  labels:
    {{- include "shema.labels" (dict "root" $ "id" "shema-migrate") | nindent 4 }}
spec:
  restartPolicy: OnFailure
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- include "shema.podSecurity" . | nindent 4 }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  initContainers:
    - name: prepare-database
      image: {{ $images.user }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [prepare-database, /etc/shema/postgres]
      volumeMounts:
        - {name: postgres, mountPath: /etc/shema/postgres, readOnly: true}
      securityContext:
        {{- include "shema.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $resources | nindent 8 }}
    {{- range $key, $image := $images }}
    - name: {{ $key }}
      image: {{ $image }}
      imagePullPolicy: {{ $.Values.image.pullPolicy }}
      args: [migrate]
      env:
        {{- include "shema.fromSecret" (list "DATABASE_URL" $postgres (index $apps $key).id) | nindent 8 }}
      securityContext:
        {{- include "shema.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $resources | nindent 8 }}
    {{- end }}
  containers:
    - name: admin
      image: {{ $images.user }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [ensure-admin]
      env:
        {{- include "shema.fromSecret" (list "DATABASE_URL" $postgres "user-service") | nindent 8 }}
        {{- include "shema.fromSecret" (list "ADMIN_EMAIL" (include "shema.secret" .) "admin-email") | nindent 8 }}
        {{- include "shema.fromSecret" (list "ADMIN_PASSWORD" (include "shema.secret" .) "admin-password") | nindent 8 }}
      securityContext:
        {{- include "shema.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $resources | nindent 8 }}
  volumes:
    - name: postgres
      secret: {secretName: {{ $postgres }}}
{{- end -}}
