# The Windows installer. "wails build -nsis" writes wails_tools.nsh beside this
# file, with the product's names and the macros used below, and runs makensis.
Unicode true
!include "wails_tools.nsh"
!include "MUI2.nsh"

Name "${INFO_PRODUCTNAME}"
OutFile "..\..\bin\${INFO_PROJECTNAME}-${ARCH}-installer.exe"
!if /FileExists "..\icon.ico"
  !define MUI_ICON "..\icon.ico"
  !define MUI_UNICON "..\icon.ico"
!endif
ManifestDPIAware true
ShowInstDetails show

!if "${REQUEST_EXECUTION_LEVEL}" == "user"
  InstallDir "$LOCALAPPDATA\Programs\${INFO_PRODUCTNAME}"
!else
  InstallDir "$PROGRAMFILES64\${INFO_PRODUCTNAME}"
!endif

VIProductVersion "${INFO_PRODUCTVERSION}.0"
VIFileVersion "${INFO_PRODUCTVERSION}.0"
VIAddVersionKey "CompanyName" "${INFO_COMPANYNAME}"
VIAddVersionKey "FileDescription" "${INFO_PRODUCTNAME} Installer"
VIAddVersionKey "FileVersion" "${INFO_PRODUCTVERSION}"
VIAddVersionKey "LegalCopyright" "${INFO_COPYRIGHT}"
VIAddVersionKey "ProductName" "${INFO_PRODUCTNAME}"
VIAddVersionKey "ProductVersion" "${INFO_PRODUCTVERSION}"

!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "..\..\..\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  !insertmacro wails.checkArchitecture
FunctionEnd

Section
  !insertmacro wails.setShellContext
  !insertmacro wails.webview2runtime
  SetOutPath $INSTDIR
  !insertmacro wails.files
  !insertmacro wails.associateFiles
  CreateShortcut "$SMPROGRAMS\${INFO_PRODUCTNAME}.lnk" "$INSTDIR\${PRODUCT_EXECUTABLE}"
  !insertmacro wails.writeUninstaller
SectionEnd

# Records and keys stay: they are the person's, and in another folder.
Section "uninstall"
  !insertmacro wails.setShellContext
  !insertmacro wails.unassociateFiles
  Delete "$SMPROGRAMS\${INFO_PRODUCTNAME}.lnk"
  RMDir /r $INSTDIR
  !insertmacro wails.deleteUninstaller
SectionEnd
